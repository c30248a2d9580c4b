import Mocha from 'mocha'

/** Mocha's spec report, ended by one plain line for people and scripts: `12 passed, 0 failed`. */
export default class Reporter extends Mocha.reporters.Spec {
  epilogue() {
    super.epilogue()
    const { passes, failures, pending } = this.stats
    const skipped = pending > 0 ? `, ${pending} skipped` : ''
    console.log(`${passes} passed, ${failures} failed${skipped}`)
  }
}
