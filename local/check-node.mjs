// Loaded before any TypeScript, in words that older versions read too: after an install without scripts the package
// `node` is empty, and npm's scripts run on whatever Node the machine has.
if (!process.features.typescript || Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `This is Node ${process.versions.node}; 24 is needed. npm's scripts bring their own: use npm start, npm test, …; ` +
      'if npm ci ran without install scripts, run npm rebuild node --ignore-scripts=false first.',
  );
  process.exit(1);
}
