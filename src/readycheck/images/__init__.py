"""What container images are made of: Dockerfiles, base images, what is copied into them."""
