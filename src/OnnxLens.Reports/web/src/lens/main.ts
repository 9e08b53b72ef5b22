import '../shared/page.css';
import './lens.css';
import './panels/panels.css';
import './print.css';
import { type Run } from '../shared/run';
import { problem, startPage } from '../shared/start';
import { LensRun } from './model/lens-run';
import { LensPage } from './page';
import { LensView } from './view';

void startPage('lens', (page, run, [other]) => {
    const first = new LensRun(run);
    const { second, failure } = read(other);
    new LensPage(page, new LensView(first, second));
    if (failure !== null) {
        page.prepend(problem(failure, 'The second run of this file is not shown. '));
    }
});

/** The second run, where there is one; where it cannot be read, why. */
function read(other: (() => Run) | undefined): { second: LensRun | null; failure: unknown } {
    try {
        return { second: other === undefined ? null : new LensRun(other()), failure: null };
    } catch (failure) {
        return { second: null, failure };
    }
}
