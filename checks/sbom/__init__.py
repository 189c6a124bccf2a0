"""Software bills of materials in CycloneDX form: read, judge, compare. No Django, no network."""
