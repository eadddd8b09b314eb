"""Terraform at work on one stack: supervised, its progress told, its end explained."""
