"""Run time: a Django app that collects, shows, asks and sends a usage report.

Importing it does nothing. One command does everything:
`manage.py send_usage_report`.
"""
