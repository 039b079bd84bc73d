"""Databases that ndscheduler 0.x has written: read once, with nothing of theirs run or imported."""
