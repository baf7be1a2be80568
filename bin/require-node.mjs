// Says clearly what is missing before anything fails obscurely. Plain JavaScript: it has to run on any Node.

const needed = 24;
const found = Number(process.versions.node.split('.')[0]);
if (found < needed) {
  console.error(
    `Weir runs on Node ${needed} or newer; this is ${process.versions.node} (${process.platform}-${process.arch}).
On Linux (x64, arm64) "npm ci" brings Node ${needed} along for every npm script: run "npm ci" again, without
--omit=optional, and start through npm. On other systems install Node ${needed} and run the command again.`,
  );
  process.exit(1);
}
