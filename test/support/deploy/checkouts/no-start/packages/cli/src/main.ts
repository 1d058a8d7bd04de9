// A version that does not start.
process.stderr.write('this version does not start\n');
process.exit(1);
