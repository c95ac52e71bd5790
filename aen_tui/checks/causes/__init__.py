"""Why something does not work: causes in order of likelihood, from what nodes were asked for the purpose; pure."""
