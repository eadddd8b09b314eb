"use strict";
// Answers `lib/lazy-index.js` where Node resolves `lib/index.js` of a provider package of CDKTF's or CDK Terrain's and the lazy one lies beside it.
// Their generator writes both with the same names; the lazy one's are getters that require a module when it is first used.
const fs = require("fs");
const Module = require("module");
const path = require("path");

const PROVIDER_INDEX = /[\\/]@cdkt[fn][\\/]provider-[^\\/]+[\\/]lib[\\/]index\.js$/;
const resolveFilename = Module._resolveFilename;

Module._resolveFilename = function (...args) {
  const resolved = resolveFilename.apply(this, args);
  if (!PROVIDER_INDEX.test(resolved)) return resolved;
  const lazy = path.join(path.dirname(resolved), "lazy-index.js");
  return fs.existsSync(lazy) ? lazy : resolved;
};
