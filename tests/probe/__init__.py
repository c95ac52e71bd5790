"""The probe as it is shipped, under every interpreter at hand."""
