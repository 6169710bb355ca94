"""What the server says over HTTP is made of: a little ASGI, HTML and the pages' addresses, signed files."""
