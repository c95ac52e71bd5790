"""Facts to words, glyphs and names of colour roles. Pure: no widget, no colour value, no clock of its own."""
