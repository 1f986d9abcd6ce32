"""What people can do: verbs that take the session, the actor, the time and the subject, and leave the commit alone."""
