"""Geometry of a face: what its mesh of 478 points says about it.

Offers the mesh, head pose, gaze, how far eyes and mouth are open, blinks, how well a face can be read, blendshape scores, and estimates of facial
action units.
"""
