"""Monthly, weekly and daily reports as Excel, HTML and PDF; and charts. Counts nothing itself: `bot.analytics` does.

model           what a report is made of: sections of tables and charts
source          what it is made from, read once; rows that many tables share
contents        `collect`: makes a Report with its sections, marks (unfinished, synthetic) and due date
highlights      読みどころ: sentences made by rules
chat_sections   the summary and everything on the chat
other_sections  the telephone, unanswered questions, changes of the content, definitions of the figures
excel, html, pdf   `write(report, file)`: the three formats; excel_parts: cells and native charts of the workbook
charts          `bars`, `lines`, `heat`: accessible SVG, also for the console; axes, svg: what they are drawn with
"""
