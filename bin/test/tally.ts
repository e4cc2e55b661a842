/** How many tests had which end. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

export const NONE: Tally = { passed: 0, failed: 0, skipped: 0 };

export const add = (a: Tally, b: Tally): Tally => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

/** `12 passed, 0 failed`, and `, 3 skipped` behind it where there are some: the form that CI reads. */
export const inWords = ({ passed, failed, skipped }: Tally): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

/** The part of jest's JSON report that counts. */
interface Report {
  testResults: {
    name: string;
    status: string;
    assertionResults: { status: string }[];
  }[];
}

/** A report's tests by file; a file that could not run at all is one failed test. */
export function talliesOf(report: Report): Map<string, Tally> {
  return new Map(
    report.testResults.map(({ name, status, assertionResults }) => {
      const count = (...ends: string[]) => assertionResults.filter((each) => ends.includes(each.status)).length;
      const failed = count('failed');
      return [
        name,
        {
          passed: count('passed'),
          failed: status === 'failed' && failed === 0 ? 1 : failed,
          skipped: count('pending', 'todo', 'skipped', 'disabled'),
        },
      ];
    }),
  );
}
