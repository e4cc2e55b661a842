import { errorCatalogue } from '../../lambdas/shared/errors.ts';

/** What can go wrong around the local cloud itself. */
export const LocalErrors = errorCatalogue({
  /** The Python environment is not there: nothing was set up yet. */
  SetUpMissing: 'unavailable',
  /** The emulator did not start; the message ends with the tail of its log. */
  EmulatorFailed: 'unavailable',
  /** A step of the deployment failed; the message ends with what its tool said last. */
  DeploymentFailed: 'unexpected',
  InstanceNameInvalid: 'invalid',
  InstanceRunning: 'exists',
  InstanceMissing: 'missing',
  /** A template asks for something that the fix-up step cannot read as a plain value. */
  FixUpUnclear: 'unexpected',
});
