import '../shared/page.css';
import { readRun, runTexts } from '../shared/run';

void Promise.all(runTexts(document).map(readRun)).then((runs) => {
    document.getElementById('page')?.append(String(runs.length));
});
