"""A Django app that collects, shows and sends a usage report after asking the admin.

Importing it does nothing. It adds one command: `manage.py send_usage_report`.
"""
