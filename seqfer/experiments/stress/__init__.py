"""How a still-image model stands what cameras, rooms, poses and hands do to a face: changes of known strength, and the run over them."""
