"""From questions that were not answered well to a proved change of the content.

1. `month`      the month's events become questions, with what residents did next: chose, rated, asked again
2. `clusters`   the ones that are still answered poorly are put together by what they ask
3. `decide`     what to do about each group: a phrasing, a new entry, none of ours; and two entries that are too alike
4. `compose`    which residents' words to write (`wording`: none about a person, none crude), which to guard with
5. `proof`      guarding questions and the month, asked again of the changed content, before anybody accepts it
6. `proposals`  all of this as plain values, also in a file of the month (`effects`: of a proof); `tune` runs 1 to 5
7. `accept`     tries accepted ones out on a copy of the content, then writes them (`files`: lines and their place)

Nothing here knows the doors or the console; `bot/assemble_tuning.py` and `bot/cli/tune.py` put it to use.
"""
