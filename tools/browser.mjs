/** What `npm run test:browser` gives mocha; see specs.mjs for why it is an import. */
await import('../test/browser/api-docs.browser.ts')
