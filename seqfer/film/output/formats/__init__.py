"""Further files made of the rows of a video on request: ELAN, WebVTT, and the video with everything drawn on it."""
