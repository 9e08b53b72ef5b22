import '../shared/page.css';
import './lens.css';
import { startPage } from '../shared/start';
import { LensRun } from './model/lens-run';
import { LensPage } from './page';
import { LensView } from './view';

void startPage('lens', (page, runs) => {
    const [first, second] = runs.map((run) => new LensRun(run));
    if (first !== undefined) {
        new LensPage(page, new LensView(first, second ?? null));
    }
});
