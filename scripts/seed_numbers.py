def files(data): return {}
