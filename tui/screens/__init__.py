"""Screens: the places of the program."""
