"""Read by every Python that has this folder in its path: it lives on the day of NEWSBOT_TEST_DAY.

Crawls of a test are seconds apart, those of an operator hours; players show for each page what was
captured nearest to its time, and newsbot asks for some files only once a week.
"""

import os
from datetime import datetime

import time_machine

if day := os.environ.get("NEWSBOT_TEST_DAY"):
    time_machine.travel(datetime.fromisoformat(f"{day}T03:00:00+00:00"), tick=True).start()
