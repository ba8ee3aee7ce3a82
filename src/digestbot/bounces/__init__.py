"""Mails that come back: what they say, and which delivery of ours they answer. Pure: no file is read, nothing kept."""

from digestbot.bounces.models import HARD, Failure, Kind, Mark, Reason, Report
from digestbot.bounces.reading import read_report

__all__ = ["HARD", "Failure", "Kind", "Mark", "Reason", "Report", "read_report"]
