"""The machine that keeps the state true and carries plans out. One task group owns every task."""
