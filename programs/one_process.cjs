// jsii's kernel speaks with Python itself, as its starter would for it: messages come in on 0 and go out on 1, instead
// of both ways on 3, and what is printed goes out as lines of JSON on 2.
"use strict";

const fs = require("fs");
const { Writable } = require("stream");

const { readSync, writeSync } = fs;
fs.readSync = (descriptor, ...rest) => readSync(descriptor === 3 ? 0 : descriptor, ...rest);
fs.writeSync = (descriptor, ...rest) => writeSync(descriptor === 3 ? 1 : descriptor, ...rest);

for (const name of ["stdout", "stderr"]) {
  const write = (printed, _encoding, done) => {
    writeSync(2, `${JSON.stringify({ [name]: printed.toString("base64") })}\n`);
    done();
  };
  Object.defineProperty(process, name, { value: new Writable({ write }) });
}
