"""What is served, and how a new version takes the place of the old one."""
