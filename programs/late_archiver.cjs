// CDKTF's archiver is loaded when something is archived, not with CDKTF: a tenth of what Node.js does in a synth.
"use strict";

const Module = require("module");

const load = Module._load;
Module._load = function (request, parent, ...rest) {
  if (request !== "archiver" || !parent?.filename?.endsWith("/cdktf/lib/private/fs.js")) {
    return load.call(this, request, parent, ...rest);
  }
  const archiver = () => load.call(this, request, parent, ...rest);
  return new Proxy(() => undefined, {
    apply: (_, self, given) => Reflect.apply(archiver(), self, given),
    get: (_, name) => archiver()[name],
  });
};
