"""Arguments into what is sent, refused where the vendor would refuse them. Pure."""
