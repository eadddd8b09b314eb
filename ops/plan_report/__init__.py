"""What a plan says, reduced to what people look at; handed from one job of a workflow to the next."""
