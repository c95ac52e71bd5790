"""The dashboard: the only room that knows Textual, Rich and plotext.

    app            AenApp: themes, keys, the pump; answers what panels ask for
    run            the app around a runtime: signals, terminal whole again at the end
    backend        what the screen is given (the runtime's surface, as a protocol)
    messages       what panels ask for
    presentation   pure: facts -> words, glyphs, names of colour roles
    widgets        drawn things
    panels         shelf: the views, one file each
    screens        arrange panels, ask the user

Facts come down: store -> pump -> screen.take -> panel.take. Wishes go up as messages.
"""
