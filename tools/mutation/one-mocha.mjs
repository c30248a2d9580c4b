/** Lets the specs' `import … from 'mocha'` find the mocha that Stryker runs, not the project's newer one. */
import { register } from 'node:module'

register('./one-mocha-hooks.mjs', import.meta.url)
