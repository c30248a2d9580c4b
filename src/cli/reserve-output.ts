/**
 * Keeps standard output for a command's own lines. What anybody else writes there from now on, an application's log
 * above all, goes to standard error, so that `--json` stays JSON and a token stays a token.
 *
 * @returns how to write to standard output; `done` is called once the text is out
 */
export function reserveOutput(): (text: string, done?: () => void) => void {
  const { stdout, stderr } = process
  const write = stdout.write.bind(stdout)
  stdout.write = stderr.write.bind(stderr) as typeof stdout.write
  return (text, done) => {
    write(text, done)
  }
}
