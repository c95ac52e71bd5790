"""The same facts and plans as text and JSON, without a screen; nothing here may import Textual.

stdout carries results only; progress and errors go to stderr.
"""
