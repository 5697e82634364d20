"""The ways of requests: names, load balancers, controllers, routes, what answers, and what certificates it shows."""
