"""Why a project does not start: causes in order of likelihood, from what nodes were asked for the purpose; pure."""
