"""Mocks are killed in mid-load: is all there that was acknowledged, and nothing by halves?"""
