#!/usr/bin/env node
// Here and not in dist, so that npm can link the command before anything is compiled.
import '../dist/main.js';
