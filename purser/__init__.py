"""What runs the API: the application, settings, sign-in, the command line and the pages."""
