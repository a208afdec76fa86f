"""The pages of the console, a module for each subject: `routes(context, frame) -> APIRouter`."""
