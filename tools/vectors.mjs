/** What `npm run test:vectors` gives mocha; see specs.mjs for why it is an import. */
await import('../test/vectors/jws.vectors.ts')
