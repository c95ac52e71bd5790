"""Things that are drawn. A widget is told what to draw; it asks nobody."""
