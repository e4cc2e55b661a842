// @ts-expect-error: the package brings no types
import aslValidator from 'asl-validator';

interface Retrier {
  JitterStrategy?: string;
  MaxDelaySeconds?: number;
  MaxAttempts?: number;
}
interface State {
  Type: string;
  Next?: string;
  Default?: string;
  Choices?: { Next: string }[];
  TimeoutSeconds?: unknown;
  Retry?: Retrier[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
  ItemProcessor?: Machine;
  Branches?: Machine[];
  [field: string]: unknown;
}
interface Machine {
  StartAt: string;
  States: Record<string, State>;
  [field: string]: unknown;
}
type Validate = (definition: unknown) => { isValid: boolean; errorsText: (separator?: string) => string };

/** A stand-in for every placeholder, of the form that each of them has: an ARN. */
const ARN = 'arn:aws:lambda:us-east-1:111122223333:function:placeholder';

/** What is wrong with a state machine's file: the language's own rules, and those of this platform. */
export function workflowComplaints(text: string): string[] {
  const filled = text.replace(/\$\{\w+\}/g, ARN);
  let machine: Machine;
  try {
    machine = JSON.parse(filled) as Machine;
  } catch (error) {
    return [`is not JSON: ${(error as Error).message}`];
  }
  // The validator writes into what it is given.
  const verdict = (aslValidator as Validate)(JSON.parse(filled));
  const own = verdict.isValid ? [] : [verdict.errorsText('; ')];
  if (typeof machine.States !== 'object') return own;
  if (machine['QueryLanguage'] !== 'JSONata') own.push('QueryLanguage: workflows of the platform speak JSONata');
  if (machine['TimeoutSeconds'] !== undefined)
    own.push('TimeoutSeconds: belongs on tasks, the local cloud ignores it on a machine');
  visit(machine, false, own);
  return own;
}

/** Fields that the local cloud ignores in silence (docs/decisions): used, they would be proved by nothing. */
const UNPROVED = ['HeartbeatSeconds', 'ItemBatcher', 'ResultWriter'];

function visit(machine: Machine, caughtOutside: boolean, complaints: string[]): void {
  const recording = failurePath(machine);
  for (const [name, state] of Object.entries(machine.States)) {
    const say = (what: string) => complaints.push(`${name}: ${what}`);
    for (const field of UNPROVED) if (state[field] !== undefined) say(`${field} is ignored by the local cloud`);
    if (state.Type === 'Succeed' && state['Output'] !== undefined)
      say('Output of a Succeed is ignored by the local cloud');
    const caught = caughtOutside || recording.has(name) || state.Catch?.some(catchesAll) === true;
    if (state.Type === 'Task') {
      if (state.TimeoutSeconds === undefined) say('a task has TimeoutSeconds');
      if (!state.Retry?.length) say('a task has a Retry list');
      if (!caught) say('a task has a Catch of States.ALL, or a Map or Parallel around it has');
    }
    for (const retry of state.Retry ?? []) {
      if (retry.MaxAttempts === 0) continue;
      if (retry.JitterStrategy !== 'FULL' || retry.MaxDelaySeconds === undefined || retry.MaxAttempts === undefined)
        say('a retrier has MaxAttempts, MaxDelaySeconds and JitterStrategy FULL');
    }
    for (const inner of [state.ItemProcessor, ...(state.Branches ?? [])]) if (inner) visit(inner, caught, complaints);
  }
}

const catchesAll = ({ ErrorEquals }: { ErrorEquals: string[] }) => ErrorEquals.includes('States.ALL');

/** The states that a Catch leads to: they record the failure, and one that fails itself ends the execution. */
function failurePath({ States }: Machine): Set<string> {
  const seen = new Set<string>();
  const follow = (name: string | undefined) => {
    const state = name === undefined ? undefined : States[name];
    if (!state || name === undefined || seen.has(name)) return;
    seen.add(name);
    for (const next of [state.Next, state.Default, ...(state.Choices ?? []).map(({ Next }) => Next)]) follow(next);
  };
  for (const { Catch } of Object.values(States)) for (const { Next } of Catch ?? []) follow(Next);
  return seen;
}
