"""The local server: pages and sockets for `seqfer rate`. It listens on loopback, and nobody without its token gets anything.

Needs the extra `seqfer[web]`. Pages are plain HTML, CSS and JavaScript modules in `static/`, without content from elsewhere."""
