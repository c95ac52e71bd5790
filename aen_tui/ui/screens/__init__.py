"""Screens arrange panels and ask the user; they hold no logic.

What the app makes, with these signatures:

    main.MainScreen(backend)                         the views 1 to 9
    node.NodeScreen(backend, node)                   the node page; a FramedScreen
    card.CardScreen(backend, plan)                   modal; carries the plan out itself
    picker.PickerScreen(backend, node, action)       modal; dismissed with a tuple of Target, or None
    action_menu.ActionMenuScreen(backend, targets)   modal; dismissed with an ActionName, or None

Every screen that shows facts has `take(state)` and `tick()`; the app calls them as it does for
panels, while the screen is on the stack and not covered by a screen that is not modal.
"""
